job "restart-of-task" {
  group "main" {
    restart {
      attempts = 4
      delay    = "1s"
      interval = "5m"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      restart {
        attempts = 1
      }
    }
  }
}
