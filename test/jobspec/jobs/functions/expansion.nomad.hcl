locals {
  numbers = [3, 7, 5]
  lists   = [["a"], ["b", "c"]]
}

job "expansion" {
  type = "batch"

  meta {
    last       = jsonencode(max(local.numbers...))
    after_more = jsonencode(min(0, local.numbers...))
    of_set     = jsonencode(max(convert([4, 2], set(number))...))
    concat     = jsonencode(concat(local.lists...))
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
