job "rules-handed-down" {
  update {
    max_parallel = -1
  }

  reschedule {
    delay = "1s"
  }

  group "one" {
    restart {
      interval = "1s"
    }

    service {
      name = "one"

      check_restart {
        limit = -1
      }

      check {
        type     = "script"
        task     = "a"
        command  = "/bin/check"
        interval = "10s"
        timeout  = "1s"
      }
    }

    task "a" {
      driver = "exec"
    }

    task "b" {
      driver = "exec"
    }
  }

  group "two" {
    task "c" {
      driver = "exec"
    }
  }
}
