# A server and a client, joined by a TCP, an HTTP and a gRPC service of the mesh.
variable "files" {
  type        = string
  description = "The folder whose files nginx serves."
}

variable "node" {
  type        = string
  description = "The Node.js that runs the gRPC server."
}

variable "grpc_server" {
  type        = string
  description = "The gRPC server's program."
}

job "dataplane" {
  update {
    min_healthy_time = "0s"
  }

  group "server" {
    network {
      mode = "bridge"
    }

    dynamic "service" {
      for_each = { tcp = "9001", http = "9001", grpc = "9003" }
      content {
        name = "bench-${service.key}"
        port = service.value

        connect {
          sidecar_service {}
        }
      }
    }

    task "nginx" {
      driver = "raw_exec"

      config {
        command = "/usr/sbin/nginx"
        args    = ["-p", "${NOMAD_TASK_DIR}", "-c", "nginx.conf", "-e", "stderr"]
      }

      # Port 9101 is for those who come without a mesh.
      template {
        destination = "local/nginx.conf"
        data        = <<-NGINX
          user root;
          daemon off;
          pid nginx.pid;
          worker_processes 1;
          events { worker_connections 4096; }
          http {
            access_log off;
            keepalive_requests 100000000;
            sendfile on;
            tcp_nopush on;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            server {
              listen 127.0.0.1:9001;
              listen 9101;
              root ${var.files};
            }
          }
        NGINX
      }
    }

    task "grpc" {
      driver = "raw_exec"

      config {
        command = var.node
        args    = [var.grpc_server]
      }
    }
  }

  group "client" {
    network {
      mode = "bridge"
    }

    service {
      name = "bench-client"
      port = "9000"

      connect {
        sidecar_service {
          proxy {
            dynamic "upstreams" {
              for_each = { tcp = 8001, http = 8002, grpc = 8003 }
              content {
                destination_name = "bench-${upstreams.key}"
                local_bind_port  = upstreams.value
              }
            }
          }
        }
      }
    }

    task "sleep" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["infinity"]
      }
    }
  }
}
