locals {
  production = true
  count      = 3
}

job "conditionals" {
  type = "batch"

  meta {
    chosen     = local.production ? "large" : "small"
    nested     = local.count > 10 ? "many" : local.count > 1 ? "some" : "one"
    unified    = jsonencode(true ? 1 : "x")
    lists      = jsonencode(local.production ? ["a"] : [])
    objects    = jsonencode(local.production ? { a = 1 } : { a = 2 })
    with_null  = jsonencode(local.production ? null : "x")
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
