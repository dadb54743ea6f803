# Image of the server, the migrations and the workers; compose.yaml and compose.workers.yaml set the command.
# The oldest supported version of Python, which is also the one that the tests use.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/proofsheet

COPY requirements.txt ./
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt

COPY alembic.ini wsgi.py worker.py ./
COPY alembic ./alembic
COPY app ./app

# A new volume mounted on instance/ gets the owner of this folder.
RUN useradd --system --uid 10001 --no-create-home proofsheet && install -d -o proofsheet -g proofsheet -m 0750 instance
USER proofsheet

EXPOSE 5000
CMD ["gunicorn", "--config", "python:app.server", "--bind", "0.0.0.0:5000"]
