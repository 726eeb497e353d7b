job "bad-calls" {
  meta {
    unknown   = uper("x")
    too_few   = replace("x", "y")
    too_many  = upper("x", "y")
    wrong     = upper(["x"])
    null      = upper(null)
    not_found = element([], 0)
    parse     = parseint("12z", 10)
    json      = jsondecode("{")
    regexp    = regex_replace("x", "(", "y")
    network   = cidrsubnet("10.0.0.0/30", 4, 2)
    base64    = base64decode("***")
    format    = format("%d", "x")
    expansion = max("x"...)
    try       = try(1 / 0, local.none)
    date      = formatdate("YYYY", "yesterday")
  }
}
