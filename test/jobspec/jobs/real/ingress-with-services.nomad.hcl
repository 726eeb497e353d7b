job "ingress-with-services" {
  group "edge" {
    network {
      mode = "bridge"

      port "http" {
        static = 8080
        to     = 8080
      }
    }

    service {
      name = "edge"
      port = "8080"

      connect {
        gateway {
          proxy {}

          ingress {
            listener {
              port     = 8080
              protocol = "http"

              service {
                name  = "shop"
                hosts = ["shop.example.com"]
              }

              service {
                name  = "blog"
                hosts = ["blog.example.com"]
              }
            }
          }
        }

        sidecar_task {
          resources {
            cpu    = 200
            memory = 128
          }
        }
      }
    }

    # A gateway's task is added by admission: this one only keeps the group company.
    task "note" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["infinity"]
      }
    }
  }
}
