job "rules-checks" {
  group "main" {
    network {
      mode = "bridge"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      check {
        type = "http"
        interval = "10s"
        timeout = "1s"
      }
      check {
        type = "htp"
        interval = "10s"
        timeout = "1s"
      }
      check {
        name = "no times"
        type = "tcp"
      }
      check {
        type = "script"
        interval = "10s"
        timeout = "1s"
      }
      check {
        type = "tcp"
        port = "hhtp"
        interval = "100ms"
        timeout = "1s"
        expose = true
      }
      check {
        type = "http"
        path = "http://example.com/"
        interval = "10s"
        timeout = "1s"
        on_update = "ignore"
        check_restart {
          limit = 1
        }
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
