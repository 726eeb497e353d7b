job "operators" {
  type = "batch"

  meta {
    add          = jsonencode(1 + 2 * 3)
    grouped      = jsonencode((1 + 2) * 3)
    minus        = jsonencode(10 - 2 - 3)
    modulo       = jsonencode(10 % 4)
    negative_mod = jsonencode(-10 % 4)
    divided      = jsonencode(7 / 2)
    less         = jsonencode(1 < 2)
    text_less    = jsonencode("10" < 9)
    equal        = jsonencode(1 == 1)
    not_equal    = jsonencode(1 == "1")
    lists_equal  = jsonencode([1, 2] == [1, 2])
    null_equal   = jsonencode(null == null)
    and          = jsonencode(true && false || true)
    not          = jsonencode(!false)
    text_truth   = jsonencode(!"false")
    minus_text   = jsonencode(-"5")
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
