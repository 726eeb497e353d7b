job "reschedule-limited" {
  group "main" {
    reschedule {
      attempts       = 3
      interval       = "24h"
      delay          = "30s"
      delay_function = "fibonacci"
      max_delay      = "10m"
      unlimited      = false
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
