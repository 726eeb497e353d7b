job "checks" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }
    }

    service {
      name = "web"
      port = "http"

      check {
        name                     = "over http"
        type                     = "http"
        path                     = "/health?full=1"
        method                   = "POST"
        body                     = "{}"
        protocol                 = "https"
        tls_skip_verify          = true
        tls_server_name          = "web.example.com"
        interval                 = "10s"
        timeout                  = "2s"
        initial_status           = "warning"
        success_before_passing   = 3
        failures_before_critical = 4
        failures_before_warning  = 2
        notes                    = "asks the front page"
        on_update                = "ignore"

        header {
          Accept = ["text/plain"]
        }
      }

      check {
        type            = "grpc"
        grpc_service    = "health"
        grpc_use_tls    = true
        interval        = "15s"
        timeout         = "3s"
        tls_skip_verify = true
      }

      check {
        type         = "tcp"
        port         = "http"
        address_mode = "alloc"
        interval     = "15s"
        timeout      = "3s"
      }

      check {
        type      = "script"
        task      = "run"
        command   = "/bin/check"
        args      = ["-v", "${NOMAD_PORT_http}"]
        interval  = "1m"
        timeout   = "30s"
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
