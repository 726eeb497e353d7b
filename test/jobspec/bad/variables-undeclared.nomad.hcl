# -var nmae=x
variable "name" {
  default = "y"
}

job "variables-undeclared" {
  meta {
    a = var.name
  }
}
