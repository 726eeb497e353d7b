job "docker-with-everything" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {
        to = 80
      }
    }

    task "web" {
      driver = "docker"

      config {
        image              = "registry.example.com/team/web:1.2.3"
        ports              = ["http"]
        force_pull         = true
        hostname           = "web"
        entrypoint         = ["/entry.sh"]
        command            = "serve"
        args               = ["--port=80"]
        cap_add            = ["net_raw"]
        cap_drop           = ["all"]
        privileged         = false
        readonly_rootfs    = true
        shm_size           = 67108864
        pids_limit         = 100
        extra_hosts        = ["db:10.0.0.2"]
        dns_servers        = ["10.0.0.2"]
        cpu_hard_limit     = true
        network_aliases    = ["web", "${NOMAD_ALLOC_INDEX}.web"]
        labels = {
          "com.example.team" = "core"
        }

        auth {
          username       = "robot"
          password       = "${REGISTRY_PASSWORD}"
          server_address = "registry.example.com"
        }

        logging {
          type = "fluentd"

          config {
            fluentd-address = "localhost:24224"
            tag             = "web"
          }
        }

        mount {
          type     = "bind"
          target   = "/etc/web"
          source   = "local/conf"
          readonly = true

          bind_options {
            propagation = "rshared"
          }
        }

        ulimit {
          nofile = "65536:65536"
        }

        devices = [
          {
            host_path      = "/dev/sda1"
            container_path = "/dev/xvdc"
          },
          {
            host_path = "/dev/sda2"
          },
        ]
      }
    }
  }
}
