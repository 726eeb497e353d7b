locals {
  key = "made"
}

job "objects" {
  type = "batch"

  meta {
    colon        = jsonencode({ a : 1, b : 2 })
    newlines     = jsonencode({
      a = 1
      b = 2
    })
    quoted_key   = jsonencode({ "two words" = 1 })
    computed_key = jsonencode({ (local.key) = 1 })
    template_key = jsonencode({ "${local.key}_x" = 1 })
    last_wins    = jsonencode({ a = 1, a = 2 })
    ordered      = jsonencode({ z = 1, a = 2 })
    number_key   = jsonencode({ 1 = "one" })
    trailing     = jsonencode([1, 2, 3, ])
    bare         = jsonencode({ local = 1, true = 2, null = 3 })
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
