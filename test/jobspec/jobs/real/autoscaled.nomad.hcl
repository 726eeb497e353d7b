job "autoscaled" {
  group "web" {
    count = 3

    scaling {
      min = 1
      max = 20

      policy {
        evaluation_interval = "10s"
        cooldown            = "2m"

        check "connections" {
          source = "prometheus"
          query  = "avg(connections)"

          strategy "target-value" {
            target = 100
          }
        }
      }
    }

    task "web" {
      driver = "exec"

      config {
        command = "/opt/web"
      }

      scaling "cpu" {
        max = 2000

        policy {
          check "96pct" {
            strategy "app-sizing-percentile" {
              percentile = "96"
            }
          }
        }
      }
    }
  }
}
