variable "needed" {
  type = string
}

variable "other" {}

job "variables-missing" {
  meta {
    a = var.needed
    b = var.other
  }
}
