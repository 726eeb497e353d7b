variable "missing" {
  default = "x"
}

locals {
  known  = { type = 1 }
  list   = ["a"]
  number = 5
}

job "bad-references" {
  meta {
    a = var.misssing
    b = local.nothing
    c = local.known.typo
    d = local.list[5]
    e = local.list["x"]
    f = local.known["nope"]
    g = local.number.field
    h = var
  }
}
