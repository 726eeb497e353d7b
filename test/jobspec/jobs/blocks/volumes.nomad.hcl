job "volumes" {
  group "main" {
    volume "data" {
      type      = "host"
      source    = "shared"
      read_only = true
    }

    volume "block" {
      type            = "csi"
      source          = "disk"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
      per_alloc       = true

      mount_options {
        fs_type     = "ext4"
        mount_flags = ["noatime"]
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
      }

      volume_mount {
        volume           = "block"
        destination      = "/block"
        read_only        = true
        propagation_mode = "host-to-task"
        selinux_label    = "Z"
      }
    }
  }
}
