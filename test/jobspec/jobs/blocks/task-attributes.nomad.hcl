job "task-attributes" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      user           = "nobody"
      leader         = true
      kill_timeout   = "30s"
      kill_signal    = "SIGTERM"
      shutdown_delay = "3s"

      env {
        NAME   = "x"
        NUMBER = 3
        TRUTH  = true
        PORT   = "${NOMAD_PORT_http}"
      }

      meta {
        owner = "core"
      }
    }
  }
}
