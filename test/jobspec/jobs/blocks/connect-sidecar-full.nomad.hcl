job "connect-sidecar-full" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }

      port "mesh" {
        to = -1
      }

      port "metrics" {
        to = -1
      }
    }

    service {
      name = "web"
      port = "http"

      connect {
        sidecar_service {
          tags                     = ["proxy"]
          port                     = "mesh"
          disable_default_tcp_check = true

          meta {
            team = "core"
          }

          proxy {
            local_service_address = "127.0.0.2"
            local_service_port    = 9000

            upstreams {
              destination_name   = "api"
              local_bind_port    = 8001
              local_bind_address = "127.0.0.3"
              datacenter         = "dc2"

              mesh_gateway {
                mode = "local"
              }

              config {
                connect_timeout_ms = 3000
              }
            }

            upstreams {
              destination_name        = "db"
              destination_type        = "prepared_query"
              destination_namespace   = "data"
              destination_partition   = "p1"
              destination_peer        = "other"
              local_bind_socket_path  = "/tmp/db.sock"
              local_bind_socket_mode  = "0600"
            }

            expose {
              path {
                path            = "/metrics"
                protocol        = "http"
                local_path_port = 9000
                listener_port   = "metrics"
              }
            }

            config {
              protocol = "http"
              local_connect_timeout_ms = 1000
            }
          }
        }

        sidecar_task {
          name           = "my-proxy"
          driver         = "raw_exec"
          user           = "nobody"
          kill_timeout   = "11s"
          kill_signal    = "SIGTERM"
          shutdown_delay = "12s"

          config {
            extra = true
          }

          env {
            A = "1"
          }

          meta {
            b = "2"
          }

          resources {
            cpu    = 50
            memory = 64
          }

          logs {
            max_files = 3
          }
        }
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
