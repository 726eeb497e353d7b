job "gateway-ingress" {
  group "main" {
    network {
      mode = "bridge"

      port "inbound" {
        static = 8080
        to     = 8080
      }
    }

    service {
      name = "edge"
      port = "inbound"

      connect {
        gateway {
          proxy {
            connect_timeout = "500ms"
          }

          ingress {
            listener {
              port     = 8080
              protocol = "http"

              service {
                name  = "web"
                hosts = ["example.com", "www.example.com"]

                request_headers {
                  add {
                    x-edge = "yes"
                  }

                  set {
                    x-one = "1"
                  }

                  remove = ["cookie"]
                }

                response_headers {
                  remove = ["server"]
                }

                max_connections         = 100
                max_pending_requests    = 200
                max_concurrent_requests = 300
              }

              service {
                name = "*"
              }
            }

            listener {
              port = 9000

              service {
                name = "db"
              }
            }
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
