job "durations" {
  group "main" {
    shutdown_delay = "1m30s"

    restart {
      attempts = 1
      interval = "2h"
      delay    = "1.5s"
      mode     = "delay"
    }

    update {
      min_healthy_time  = 5000000000
      healthy_deadline  = "300s"
      progress_deadline = "0.5h"
      stagger           = "250ms"
    }

    task "run" {
      driver         = "raw_exec"
      kill_timeout   = "0h2m3s4ms5us6ns"
      shutdown_delay = "-0s"

      config {
        command = "/bin/true"
      }
    }
  }
}
