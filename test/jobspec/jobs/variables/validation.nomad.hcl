# -var name=web-1
variable "name" {
  type = string

  validation {
    condition     = length(split("-", var.name)) == 2
    error_message = "Write name-number."
  }

  validation {
    condition     = strlen(var.name) < 10
    error_message = "At most 9 characters."
  }
}

job "validation" {
  type = "batch"

  meta {
    name = var.name
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
