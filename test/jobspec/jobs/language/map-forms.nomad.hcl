job "map-forms" {
  meta = {
    "key with spaces" = "1"
    plain             = 2
  }

  group "main" {
    meta {
      a = "1"
      b = true
    }

    network {
      mode = "bridge"

      port "http" {}
    }

    service {
      name = "web"
      port = "http"

      meta {
        version = 3
      }

      canary_meta {
        version = 4
      }

      tagged_addresses {
        lan = "10.0.0.1"
      }

      check {
        type     = "http"
        path     = "/"
        interval = "10s"
        timeout  = "1s"

        header {
          Accept        = ["text/html", "text/plain"]
          Authorization = ["Basic x"]
        }
      }
    }

    task "run" {
      driver = "raw_exec"

      env = {
        "HTTP.PORT" = 80
        NAME        = "x"
      }

      meta = {
        owner = "core"
      }

      config {
        command = "/bin/true"
      }

      artifact {
        source      = "https://example.com/x.tar.gz"
        destination = "local/x"

        options {
          checksum = "md5:d41d8cd98f00b204e9800998ecf8427e"
        }

        headers {
          X-Key = "secret"
        }
      }
    }
  }
}
