job "log-shipper" {
  type = "system"

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  update {
    max_parallel     = 1
    stagger          = "1m"
    min_healthy_time = "5s"
  }

  group "shipper" {
    volume "logs" {
      type      = "host"
      source    = "var-log"
      read_only = true
    }

    task "ship" {
      driver = "docker"

      config {
        image        = "example/shipper:2"
        network_mode = "host"
        volumes      = ["local/conf:/etc/shipper"]
      }

      volume_mount {
        volume      = "logs"
        destination = "/var/log"
        read_only   = true
      }

      template {
        data          = "target = {{ key \"logs/target\" }}"
        destination   = "local/conf/shipper.toml"
        change_mode   = "signal"
        change_signal = "SIGHUP"
      }
    }
  }
}
