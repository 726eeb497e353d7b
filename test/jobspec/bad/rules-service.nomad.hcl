job "rules-service" {
  group "main" {
    network {
      mode = "bridge"
      port "http" {}
    }
    service {
      name = "web"
      port = "http"
      address = "10.0.0.1"
      address_mode = "driver"
      on_update = "sometimes"
      provider = "eureka"
      cluster = "other"
      kind = "gateway"
      task = "other"
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
