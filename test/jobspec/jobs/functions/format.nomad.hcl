job "format" {
  type = "batch"

  meta {
    text        = format("Hello, %s!", "Ada")
    number      = format("%d items, %.2f each, %5d|%-5d|%05d", 3, 1.5, 42, 42, 42)
    hex         = format("%x %X %#x %o %b", 255, 255, 255, 8, 5)
    quoted      = format("%q", "a \"b\"")
    values      = format("%v %v %v %#v", "a", 1, true, { a = [1] })
    percent     = format("100%%")
    position    = format("%[2]s %[1]s", "a", "b")
    width       = format("|%10s|%-10s|", "right", "left")
    truth       = format("%t", true)
    exponent    = format("%e", 1234.5)
    list        = jsonencode(formatlist("%s-%s", ["a", "b"], "x"))
    list_of_all = jsonencode(formatlist("%s%d", ["a", "b"], [1, 2]))
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
