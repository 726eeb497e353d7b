# -var port=80
variable "port" {
  type = number

  validation {
    condition     = var.port > 1024
    error_message = "A port above 1024 is needed."
  }
}

variable "bad" {
  default = 1

  validation {
    condition     = var.port > 1
    error_message = ""
  }

  validation {
    condition = true
  }
}

job "variables-validation" {
  meta {
    a = var.port
  }
}
