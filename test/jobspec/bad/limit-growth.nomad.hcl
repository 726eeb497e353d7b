locals {
  a = range(1000)
  b = [for x in local.a : local.a]
  c = [for x in local.a : local.b]
  d = [for x in local.a : local.c]
  f = flatten(local.d)
}

job "limit-growth" {
  meta {
    a = length(local.f)
  }
}
