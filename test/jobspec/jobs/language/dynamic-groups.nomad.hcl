locals {
  regions = {
    north = { count = 1, command = "/bin/true" }
    south = { count = 2, command = "/bin/false" }
  }
}

job "dynamic-groups" {
  dynamic "group" {
    for_each = local.regions
    labels   = ["in-${group.key}"]

    content {
      count = group.value.count

      meta = { region = group.key }

      task "run" {
        driver = "exec"

        config {
          command = group.value.command
        }
      }
    }
  }
}
