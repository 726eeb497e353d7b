variable "a" {
  type    = strng
  default = 1
}

variable "b" {
  type    = number
  default = "x"
}

variable "c" {
  type = object({ a = optional(string) })
}

variable "d" {
  default   = upper("x")
  sensitive = true
}

variable "e" {
  default = local.x
}

variable "5" {}

variable "f" {}
variable "f" {}

variable "g" {
  type = list(any)
}

job "variables-invalid-declarations" {
  meta {
    a = "x"
  }
}
