job "prometheus" {
  group "monitoring" {
    restart {
      attempts = 2
      interval = "30m"
      delay    = "15s"
      mode     = "fail"
    }

    ephemeral_disk {
      size = 300
    }

    network {
      port "ui" {
        to = 9090
      }
    }

    service {
      name = "prometheus"
      tags = ["urlprefix-/"]
      port = "ui"

      check {
        name     = "ui alive"
        type     = "http"
        path     = "/-/healthy"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "prometheus" {
      driver = "docker"

      template {
        change_mode   = "signal"
        change_signal = "SIGHUP"
        destination   = "local/prometheus.yml"

        data = <<EOH
---
global:
  scrape_interval: 5s

scrape_configs:
  - job_name: nomad
    consul_sd_configs:
    - server: '{{ env "NOMAD_IP_ui" }}:8500'
      services: ['nomad-client', 'nomad']
    relabel_configs:
    - source_labels: ['__meta_consul_tags']
      regex: '(.*)http(.*)'
      replacement: "$${1}:x"
      action: keep
EOH
      }

      config {
        image = "prom/prometheus:latest"

        volumes = [
          "local/prometheus.yml:/etc/prometheus/prometheus.yml",
        ]

        ports = ["ui"]
      }
    }
  }
}
