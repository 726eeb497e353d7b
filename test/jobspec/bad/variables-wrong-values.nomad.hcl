# -var count=many
# -var list=[1,
# NOMAD_VAR_flag=perhaps
variable "count" {
  type = number
}

variable "list" {
  type = list(string)
}

variable "flag" {
  type = bool
}

job "variables-wrong-values" {
  meta {
    a = var.count
  }
}
