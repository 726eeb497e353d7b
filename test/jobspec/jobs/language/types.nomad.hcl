job "types" {
  type = "batch"

  meta {
    numbers_to_text = jsonencode(convert([1, true, "x"], list(string)))
    text_to_number  = jsonencode(convert("12.5", number))
    text_to_bool    = jsonencode(convert("true", bool))
    to_set          = jsonencode(convert(["b", "a", "b"], set(string)))
    to_map          = jsonencode(convert({ a = 1, b = "2" }, map(string)))
    to_object       = jsonencode(convert({ a = "1", extra = true }, object({ a = number })))
    to_tuple        = jsonencode(convert(["1", "2"], tuple([number, string])))
    any_list        = jsonencode(convert([1, "a"], list(any)))
    nulls           = jsonencode(convert(null, string))
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
