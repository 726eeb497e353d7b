job "dns-on-every-node" {
  type     = "system"
  priority = 90

  group "dns" {
    network {
      mode = "host"

      port "dns" {
        static = 53
      }
    }

    service {
      name     = "dns"
      port     = "dns"
      provider = "nomad"

      check {
        type     = "tcp"
        interval = "15s"
        timeout  = "2s"
      }
    }

    task "resolver" {
      driver       = "docker"
      kill_timeout = "10s"

      config {
        image        = "example/resolver:1"
        network_mode = "host"
        cap_add      = ["net_bind_service"]
      }

      resources {
        cpu        = 50
        memory     = 64
        memory_max = 256
      }
    }
  }
}
