job "service-full" {
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

      provider            = "consul"
      tags                = ["v1", "http-${NOMAD_ALLOC_INDEX}"]
      canary_tags         = ["canary"]
      enable_tag_override = true
      address_mode        = "host"
      task                = "run"
      on_update           = "ignore_warnings"
      cluster             = "default"

      meta {
        version = "1"
      }

      canary_meta {
        version = "2"
      }

      tagged_addresses {
        lan = "10.0.0.1"
      }

      weights {
        passing = 10
        warning = 2
      }

      identity {
        aud = ["consul.io"]
        ttl = "1h"
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
