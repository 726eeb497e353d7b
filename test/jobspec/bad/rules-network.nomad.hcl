job "rules-network" {
  group "main" {
    network {
      mode = "bridged"
      hostname = "a..b"
      port "a" {
        static = 80
      }
      port "b" {
        static = 80
      }
      port "a" {
        to = 70000
      }
      port "c" {
        to = -2
      }
      port "d" {
        static = 81
        ignore_collision = true
      }
      cni {
        args = {
          a = "b;c"
        }
      }
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
