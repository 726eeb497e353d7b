locals {
  given = { a = "here" }
}

job "conversion" {
  type = "batch"

  meta {
    can      = jsonencode([can(local.given.a), can(local.given.missing), can(1 / 0)])
    try      = jsonencode([try(local.given.missing, "fallback"), try(local.given.a, "no")])
    convert  = jsonencode(convert("5", number) + 1)
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
