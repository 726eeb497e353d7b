# -var-file bad.vars.hcl
variable "count" {
  type = number
}

job "variables-in-file" {
  group "main" {
    count = var.count
  }
}
