job "for" {
  type = "batch"

  meta {
    list         = jsonencode([for x in [1, 2, 3] : x * 2])
    indexes      = jsonencode([for i, x in ["a", "b"] : "${i}=${x}"])
    filtered     = jsonencode([for x in [1, 2, 3, 4] : x if x % 2 == 0])
    object       = jsonencode({ for k, v in { a = 1, b = 2 } : upper(k) => v })
    grouped      = jsonencode({ for s in ["apple", "avocado", "beet"] : substr(s, 0, 1) => s... })
    over_map     = jsonencode([for k, v in { z = 1, a = 2 } : "${k}${v}"])
    over_set     = jsonencode([for x in convert(["b", "a", "b"], set(string)) : x])
    nested       = jsonencode([for row in [[1, 2], [3]] : [for x in row : x + 1]])
    shadowed     = jsonencode([for local in [1] : local])
    key_is_if    = jsonencode({ for = 1, if = 2 })
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
