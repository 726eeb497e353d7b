job "files" {
  type = "batch"

  meta {
    file       = file("data/greeting.txt")
    base64     = filebase64("data/second.txt")
    exists     = jsonencode([fileexists("data/second.txt"), fileexists("data/none.txt")])
    set        = jsonencode(fileset("data", "*.txt"))
    basename   = basename("/a/b/c.txt")
    dirname    = dirname("/a/b/c.txt")
    absolute   = jsonencode(substr(abspath("data"), 0, 1))
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
