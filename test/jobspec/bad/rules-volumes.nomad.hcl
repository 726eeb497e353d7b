job "rules-volumes" {
  group "main" {
    volume "host" {
      type = "host"
    }
    volume "csi" {
      type = "csi"
      source = "x"
    }
    volume "odd" {
      type = "nfs"
      source = "x"
    }
    task "run" {
      driver = "raw_exec"
      volume_mount {
        volume = "none"
        destination = "/x"
      }
      volume_mount {
        volume = "host"
        destination = "/y"
        propagation_mode = "shared"
      }
    }
  }
}
