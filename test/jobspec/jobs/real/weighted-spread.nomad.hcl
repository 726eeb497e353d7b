job "weighted-spread" {
  datacenters = ["us-west1", "us-east1"]

  spread {
    attribute = "${node.datacenter}"
    weight    = 80

    target "us-east1" {
      percent = 60
    }

    target "us-west1" {
      percent = 40
    }
  }

  group "web" {
    count = 10

    spread {
      attribute = "${meta.rack}"
      weight    = 20
    }

    disconnect {
      lost_after = "12h"
      reconcile  = "longest_running"
    }

    task "web" {
      driver = "exec"

      config {
        command = "/opt/web"
      }
    }
  }
}
