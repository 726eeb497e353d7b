# NOMAD_VAR_text=from the environment
# NOMAD_VAR_number=41
# NOMAD_VAR_list=["a", "b"]
variable "text" {
  type = string
}

variable "number" {
  type = number
}

variable "list" {
  type = list(string)
}

job "environment" {
  type = "batch"

  meta {
    text   = var.text
    number = jsonencode(var.number + 1)
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
