job "periodic-crons" {
  type = "sysbatch"

  periodic {
    crons   = ["0 3 * * *", "@hourly", "30 12 1 1 *"]
    enabled = false
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
