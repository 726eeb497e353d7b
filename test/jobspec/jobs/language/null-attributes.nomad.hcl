job "null-attributes" {
  type     = "batch"
  priority = null
  region   = null

  group "main" {
    count = null

    task "run" {
      driver       = "raw_exec"
      user         = null
      kill_timeout = null

      config {
        command = "/bin/true"
        args    = null
      }
    }
  }
}
