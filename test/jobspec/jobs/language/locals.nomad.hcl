locals {
  third  = "${local.second}+3"
  second = "${local.first}+2"
}

locals {
  first  = "1"
  object = { name = local.first, list = [local.second] }
  called = join("/", [for k, v in local.object : k])
}

job "locals" {
  type = "batch"

  meta {
    third  = local.third
    object = jsonencode(local.object)
    called = local.called
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
