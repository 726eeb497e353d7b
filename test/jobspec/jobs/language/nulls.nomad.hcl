variable "nothing" {
  type    = string
  default = null
}

job "nulls" {
  type = "batch"

  meta {
    given     = var.nothing == null ? "none" : "some"
    in_list   = jsonencode([null, var.nothing])
    coalesce  = coalesce(var.nothing, "fallback")
    in_object = jsonencode({ a = null })
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
