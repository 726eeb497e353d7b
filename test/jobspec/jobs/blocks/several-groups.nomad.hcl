job "several-groups" {
  update {
    max_parallel = 2
    stagger      = "1m"
  }

  reschedule {
    attempts       = 3
    interval       = "1h"
    delay          = "10s"
    delay_function = "constant"
    unlimited      = false
  }

  migrate {
    max_parallel = 3
  }

  group "takes-the-jobs" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }

  group "merges-its-own" {
    update {
      canary       = 1
      auto_promote = true
    }

    reschedule {
      delay = "20s"
    }

    migrate {
      health_check = "task_states"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
