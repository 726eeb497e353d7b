# -var-file one.vars.hcl
# -var-file two.vars.json
variable "first" {
  type = string
}

variable "second" {
  type = string
}

variable "list" {
  type = list(number)
}

job "files" {
  type = "batch"

  meta {
    first  = var.first
    second = var.second
    list   = jsonencode(var.list)
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
