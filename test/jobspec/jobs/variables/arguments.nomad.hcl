# -var text=hello = world
# -var number=7
# -var list=["x", "y"]
# -var object={ a = 1, b = [true] }
# -var flag=true
# -var raw=${not evaluated}
variable "text" {
  type = string
}

variable "number" {
  type = number
}

variable "list" {
  type = list(string)
}

variable "object" {
  type = object({ a = number, b = list(bool) })
}

variable "flag" {
  type = bool
}

variable "raw" {}

job "arguments" {
  type = "batch"

  meta {
    text   = var.text
    number = jsonencode(var.number)
    list   = jsonencode(var.list)
    object = jsonencode(var.object)
    flag   = jsonencode(var.flag)
    raw    = var.raw
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
