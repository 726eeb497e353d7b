locals {
  a = local.b
  b = "${local.c}!"
  c = local.a
}

locals {
  a = 1
}

job "locals-circle" {
  meta {
    a = local.a
  }
}
