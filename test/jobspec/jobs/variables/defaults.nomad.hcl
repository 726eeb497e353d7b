variable "text" {
  type        = string
  default     = "given"
  description = "A text."
}

variable "untyped" {
  default = "anything"
}

variable "number" {
  type    = number
  default = "5"
}

variable "list" {
  type    = list(string)
  default = ["a", 1]
}

variable "object" {
  type = object({
    name = string
    port = number
  })
  default = {
    name = "x"
    port = "80"
  }
}

variable "map" {
  type    = map(bool)
  default = { yes = "true" }
}

variables {
  short = 1 + 1
}

job "defaults" {
  type = "batch"

  meta {
    text    = var.text
    untyped = var.untyped
    number  = var.number
    list    = jsonencode(var.list)
    object  = jsonencode(var.object)
    map     = jsonencode(var.map)
    short   = var.short
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
