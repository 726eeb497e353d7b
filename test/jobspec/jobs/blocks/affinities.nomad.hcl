job "affinities" {
  affinity {
    attribute = "${node.datacenter}"
    value     = "dc1"
    weight    = 80
  }

  group "main" {
    affinity {
      attribute = "${meta.speed}"
      operator  = ">"
      value     = "3"
      weight    = -20
    }

    task "run" {
      driver = "raw_exec"

      affinity {
        attribute = "${attr.nomad.version}"
        version   = ">= 1.8"
      }

      affinity {
        attribute        = "${meta.tags}"
        set_contains_any = "a,b"
      }

      affinity {
        attribute        = "${meta.tags}"
        set_contains_all = "a,b"
      }

      config {
        command = "/bin/true"
      }
    }
  }
}
